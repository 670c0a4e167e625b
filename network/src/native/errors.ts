export { AdministrationRefusedError, reasonOf } from '../admin/errors.js';

/** A way in which a native network fails. The code is stable; the message is one line for the operator. */
export abstract class NativeNetworkError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Programs of Fabric that a native network needs were found neither in `FABRIC_BIN` nor on PATH. */
export class FabricBinariesMissingError extends NativeNetworkError {
  readonly code = 'FABRIC_BINARIES_MISSING';
  readonly missing: readonly string[];

  constructor(missing: readonly string[]) {
    super(
      `Not found in FABRIC_BIN or on PATH: ${missing.join(', ')}. Take them from a Fabric 3.x release and set FABRIC_BIN to their folder.`,
    );
    this.missing = missing;
  }
}

/** A program of the network did not start, or ended by itself; the message carries the end of its log. */
export class NodeFailedError extends NativeNetworkError {
  readonly code = 'NATIVE_NODE_FAILED';
}

/** A port that the folder's network has used since it was made is taken by another program, or none is free. */
export class PortTakenError extends NativeNetworkError {
  readonly code = 'NATIVE_PORT_TAKEN';
}

/** The network of this folder runs already. */
export class NetworkRunningError extends NativeNetworkError {
  readonly code = 'NATIVE_NETWORK_RUNNING';
}

/** The network did not reach a state in the time allowed. */
export class NotReadyError extends NativeNetworkError {
  readonly code = 'NATIVE_NOT_READY';
}

/** The folder or the description lacks something that the network needs. */
export class NativeConfigurationError extends NativeNetworkError {
  readonly code = 'NATIVE_CONFIGURATION';
}
