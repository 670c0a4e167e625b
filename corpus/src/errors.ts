import { PlatformError } from '@medigraph/platform/errors';

/** The corpus cannot be made, read or loaded. */
export abstract class CorpusError extends PlatformError {}

/** A program that makes populations (and nothing else needs) is not installed. */
export class CorpusToolMissingError extends CorpusError {
  constructor(tool: string, advice: string, options?: ErrorOptions) {
    super('CORPUS_TOOL_MISSING', `${tool} was not found on PATH; ${advice}`, options);
  }
}

/** A program that makes populations ended in failure; the message ends with the last it said. */
export class CorpusGenerationError extends CorpusError {
  constructor(message: string, options?: ErrorOptions) {
    super('CORPUS_GENERATION_FAILED', message, options);
  }
}

/** The folder to write a population to holds something else. */
export class CorpusOutputError extends CorpusError {
  constructor(folder: string, options?: ErrorOptions) {
    super(
      'CORPUS_OUTPUT_NOT_EMPTY',
      `${folder} is neither empty nor a population; choose another folder with --out`,
      options,
    );
  }
}

/** An option of a command is not one it can work with. */
export class CorpusOptionError extends CorpusError {
  constructor(message: string, options?: ErrorOptions) {
    super('CORPUS_OPTION_INVALID', message, options);
  }
}

/** A file of a population is missing, truncated, altered, or not what the manifest says. */
export class PopulationInvalidError extends CorpusError {
  readonly file: string;

  constructor(file: string, problem: string, options?: ErrorOptions) {
    super('POPULATION_INVALID', `${file} ${problem}`, options);
    this.file = file;
  }
}
