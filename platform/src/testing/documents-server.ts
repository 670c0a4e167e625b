/** The document server that tests use: the one that MONGODB_URI names. */
export async function documentsUri(): Promise<string> {
  return Promise.resolve(process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1:27017');
}
