// The server's answers. A request that takes longer than this is given up, and the connection counts as lost.

const PATIENCE_MILLIS = 10000;

/** The server refused or could not answer; `status` is 0 if it was not reached. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export async function get(name, parameters) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(parameters ?? {})) {
    for (const one of [value].flat()) {
      if (one !== null && one !== undefined) {
        query.append(key, one);
      }
    }
  }
  const gone = new AbortController();
  const timer = setTimeout(() => gone.abort(), PATIENCE_MILLIS);
  try {
    const reply = await fetch(`/api/v1/${name}?${query}`, {signal: gone.signal, credentials: 'same-origin'});
    if (!reply.ok) {
      throw new ApiError(reply.status, (await reply.text()).trim());
    }
    return await reply.json();
  } catch (failure) {
    throw failure instanceof ApiError ? failure : new ApiError(0, 'The server does not answer.');
  } finally {
    clearTimeout(timer);
  }
}
