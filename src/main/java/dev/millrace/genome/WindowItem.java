package dev.millrace.genome;

/**
 * One window as a model is trained on it. Position ids are 0, 1, … W − 1, always.
 *
 * @param tokens W token ids
 * @param labels the token to be predicted at each place: the next one; {@code <PAD>} at the last
 * @param lossMask 1 where the prediction counts, else 0
 * @param lossTokens how many count; 0 is possible, so a mean loss is the sum divided by at least 1
 */
@SuppressWarnings("ArrayRecordComponent") // carries what is fed to an engine, never compared
public record WindowItem(long[] tokens, long[] labels, float[] lossMask, int lossTokens) {}
