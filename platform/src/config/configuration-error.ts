import { PlatformError, type PlatformErrorCode } from '../errors/index.js';

/** A setting, or a file that a setting names, does not work. */
export class ConfigurationError extends PlatformError {
  /** Name of the environment variable, or the path of the file. */
  readonly setting: string;

  constructor(setting: string, problem: string, options?: ErrorOptions) {
    const code: PlatformErrorCode = 'CONFIGURATION_INVALID';
    super(code, `${setting}: ${problem}`, options);
    this.setting = setting;
  }
}
