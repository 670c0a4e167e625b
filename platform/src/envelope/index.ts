export { type Envelope, type EnvelopeService, type Recipient } from './envelope.js';
export { BodyTamperedError, EnvelopeError, KeyUnwrapError, RecipientKeyError } from './errors.js';
export { createEnvelopeService } from './jose-envelopes.js';
export { unwrapWithAny } from './unwrap-with-any.js';
