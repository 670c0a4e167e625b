/**
 * How Node runs every part. Buffers are freed by the thread that made them: files are sealed in such a number of them that
 * giving them back from another thread costs about as much as the cipher (`bench encryption` shows what it comes to).
 */
export const nodeArguments = [
  '--enable-source-maps',
  '--no-warnings',
  '--no-concurrent-array-buffer-sweeping',
] as const;
