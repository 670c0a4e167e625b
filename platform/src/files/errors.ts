import { PlatformError, type PlatformErrorCode } from '../errors/index.js';

/** A failure to store or to read a file. */
export abstract class FileError extends PlatformError {}

/** A stored file is not the one that was sealed. */
export class FileTamperedError extends FileError {
  constructor(problem: string, options?: ErrorOptions) {
    const code: PlatformErrorCode = 'FILE_TAMPERED';
    super(code, `The stored file is not what it should be: ${problem}.`, options);
  }
}

/** A file is larger than one may be, or longer than was said. */
export class FileTooLargeError extends FileError {
  constructor(message: string) {
    const code: PlatformErrorCode = 'FILE_TOO_LARGE';
    super(code, message);
  }
}

/** What is stored of a person would become more than is stored of one. */
export class FileQuotaError extends FileError {
  constructor(quota: number) {
    const code: PlatformErrorCode = 'FILE_QUOTA_EXCEEDED';
    super(code, `Files of one person have at most ${quota} bytes together; erase some first.`);
  }
}

/** There is no such upload, or it is somebody else's. */
export class UploadNotFoundError extends FileError {
  constructor(id: string) {
    const code: PlatformErrorCode = 'UPLOAD_NOT_FOUND';
    super(code, `There is no upload ${id} of yours.`);
  }
}

/** What is sent does not go on where the upload stands. */
export class UploadOffsetError extends FileError {
  constructor(
    sent: number,
    /** Where it stands. */
    readonly offset: number,
  ) {
    const code: PlatformErrorCode = 'UPLOAD_OFFSET_INVALID';
    super(code, `The upload stands at byte ${offset}, not at ${sent}; go on from there.`);
  }
}

/** Another request is sending to the same upload. */
export class UploadBusyError extends FileError {
  constructor(options?: ErrorOptions) {
    const code: PlatformErrorCode = 'UPLOAD_BUSY';
    super(code, 'Another request is sending to this upload; ask again where it stands.', options);
  }
}

/** An upload is to be completed whose file is not all there. */
export class UploadIncompleteError extends FileError {
  constructor(offset: number, size: number) {
    const code: PlatformErrorCode = 'UPLOAD_INCOMPLETE';
    super(code, `${offset} of ${size} bytes are there; send the rest first.`);
  }
}
