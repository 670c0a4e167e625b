export { decryptStream, encryptStream } from './encrypt-stream.js';
export * from './errors.js';
export { type FileKey, SegmentCipher } from './segment-cipher.js';
export * from './segment-layout.js';
