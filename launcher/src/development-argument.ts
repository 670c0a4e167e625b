/** What tells a part that it is started by whoever develops a DApp. */
export const developmentArgument = '--development';
