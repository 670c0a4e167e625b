import { readFileSync } from 'node:fs';
import { ConfigurationError } from './configuration-error.js';
import { type Configuration, type Setting, settings } from './settings.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** What the value of a variable, or of the file that `VARIABLE_FILE` names, is: secrets are handed out as files. */
function secretOf(environment: Environment, variable: string): string | undefined {
  const file = valueOf(environment, `${variable}_FILE`);
  if (file === undefined) return valueOf(environment, variable);
  if (valueOf(environment, variable) !== undefined) {
    throw new ConfigurationError(`${variable}_FILE`, `must not be set together with ${variable}`);
  }
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new ConfigurationError(`${variable}_FILE`, (error as Error).message, { cause: error });
  }
}

/** An empty variable is one that is not set: shells and compose files cannot say it otherwise. */
function valueOf(environment: Environment, variable: string): string | undefined {
  const value = environment[variable];
  return value === undefined || value.trim() === '' ? undefined : value;
}

/**
 * Reads every setting.
 * @throws {@link ConfigurationError} that names the first variable with a value that does not work.
 */
export function loadConfiguration(environment: Environment = process.env): Configuration {
  const entries = Object.entries<Setting>(settings).map(([name, { variable, schema, secret }]) => {
    const value = (secret === true ? secretOf : valueOf)(environment, variable);
    const parsed = schema.safeParse(value);
    if (!parsed.success) {
      throw new ConfigurationError(variable, parsed.error.issues.map((issue) => issue.message).join('; '));
    }
    return [name, parsed.data];
  });
  const configuration = Object.fromEntries(entries) as Configuration;
  demandOneMasterKey(configuration);
  return configuration;
}

/** The master key comes from one place. */
function demandOneMasterKey(configuration: Configuration): void {
  const sources = (['masterKey', 'masterPassphrase', 'kmsKeyUrl'] as const).filter(
    (name) => configuration[name] !== undefined,
  );
  const [first, second] = sources;
  if (first !== undefined && second !== undefined)
    throw new ConfigurationError(
      settings[second].variable,
      `must not be set together with ${settings[first].variable}`,
    );
  if (configuration.kmsKeyUrl !== undefined && configuration.kmsToken === undefined)
    throw new ConfigurationError(
      settings.kmsToken.variable,
      `must be set with ${settings.kmsKeyUrl.variable}`,
    );
}

/** One line of `medigraph config`. */
export interface SettingDescription {
  readonly variable: string;
  /** As in force; `(set)` for a secret, undefined for what has no value. */
  readonly value: string | undefined;
  readonly default: string | undefined;
  readonly meaning: string;
}

const shown = (value: string | number | undefined): string | undefined => value?.toString();

/** What each setting is, where its value comes from and what it means; secrets are masked. */
export function describeConfiguration(
  configuration: Configuration,
  environment: Environment = process.env,
): SettingDescription[] {
  return Object.entries<Setting>(settings).map(([name, { variable, schema, meaning, secret }]) => {
    const isSet = [variable, `${variable}_FILE`].some((each) => valueOf(environment, each) !== undefined);
    const value = shown(configuration[name as keyof Configuration]);
    return {
      variable,
      value: secret === true && isSet ? '(set)' : value,
      default: shown(schema.safeParse(undefined).data),
      meaning,
    };
  });
}
