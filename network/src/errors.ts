/** The description of a network, or the material made from it, cannot be used. */
export class NetworkDescriptionError extends Error {
  readonly code = 'NETWORK_DESCRIPTION_INVALID';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NetworkDescriptionError';
  }
}
