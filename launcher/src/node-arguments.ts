/** How Node runs every part. */
export const nodeArguments = ['--enable-source-maps', '--no-warnings'] as const;
