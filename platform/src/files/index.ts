export * from './errors.js';
export { type FileKey, fileKeyOf, SegmentCipher } from './segment-cipher.js';
export * from './segment-layout.js';
export { type SegmentStore, type StoredFile } from './segment-store.js';
export { FileBucket, filesDatabase } from './file-bucket.js';
export { type ByteRange, type FileDigest, FileReader } from './file-reader.js';
export { type Tail, type Upload, uploadPatienceMs, UploadStore } from './upload-store.js';
export { UploadWriter } from './upload-writer.js';
export { checkFile, type ExpectedFile, type FileFinding } from './check-files.js';
