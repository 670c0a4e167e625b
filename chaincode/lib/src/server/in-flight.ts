import { type ChaincodeInterface, type ChaincodeResponse, type ChaincodeStub } from 'fabric-shim-api';

/** Counts the transactions of a chaincode that run, so that it can stop between them. */
export class InFlight implements ChaincodeInterface {
  readonly #chaincode: ChaincodeInterface;
  #running = 0;
  #idle: (() => void) | undefined;

  constructor(chaincode: ChaincodeInterface) {
    this.#chaincode = chaincode;
  }

  Init(stub: ChaincodeStub): Promise<ChaincodeResponse> {
    return this.#count(() => this.#chaincode.Init(stub));
  }

  Invoke(stub: ChaincodeStub): Promise<ChaincodeResponse> {
    return this.#count(() => this.#chaincode.Invoke(stub));
  }

  /** Resolves as soon as no transaction runs. */
  idle(): Promise<void> {
    if (this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idle = resolve;
    });
  }

  async #count(run: () => Promise<ChaincodeResponse>): Promise<ChaincodeResponse> {
    this.#running += 1;
    try {
      return await run();
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.#idle?.();
    }
  }
}
