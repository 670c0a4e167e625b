import { type Command } from 'commander';

/**
 * How commands are made that ask a platform: each can be told which one, and in whose name.
 * @param data - data folder of a platform on this machine, unless another is named.
 */
export const platformCommands =
  (parent: Command, data: string) =>
  (name: string, description: string): Command =>
    parent
      .command(name)
      .description(description)
      .option('--graph <url>', 'graph of a platform elsewhere, on which you are signed in')
      .option('--as <role>', 'role of `medigraph token`, on a platform of this machine')
      .option('--data <folder>', 'data folder of that platform', data);
