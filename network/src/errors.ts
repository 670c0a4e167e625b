/** The description of a network, or the material made from it, cannot be used. */
export class NetworkDescriptionError extends Error {
  readonly code = 'NETWORK_DESCRIPTION_INVALID';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NetworkDescriptionError';
  }
}

/** A network that is there cannot become what its changed description says: it can grow, and nothing of it can be taken away. */
export class NetworkChangeRefusedError extends Error {
  readonly code = 'NETWORK_CHANGE_REFUSED';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NetworkChangeRefusedError';
  }
}
