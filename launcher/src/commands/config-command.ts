import { describeConfiguration, loadConfiguration } from '@medigraph/platform/config';
import { type Command } from 'commander';

export function addConfigCommand(program: Command): void {
  program
    .command('config')
    .description('print every setting: the environment variable, its value, what it means')
    .action(() => {
      for (const setting of describeConfiguration(loadConfiguration())) {
        console.log(`${setting.variable}=${setting.value ?? ''}`);
        console.log(
          `    ${setting.meaning}${setting.default === undefined ? '' : ` Default: ${setting.default}`}`,
        );
      }
    });
}
