/**
 * A key-value store over one SQLite file: what was computed once is kept.
 *
 * <p>{@link dev.millrace.kv.KvStore} is the door. A write goes by {@code WritePath} to the one writer thread of
 * {@code sqlite.WriteQueue} and by {@code KvSink} to the file; a read by {@code ReadPath} to what waits, the hot tier, the file.
 * Codecs turn values to bytes above that, {@code RowCoder} and {@code ValueCipher} bytes to rows below.
 *
 * <p>Imports {@code tensor}, {@code sqlite}, {@code build}, and of {@code batch} what it needs to cache a transform; never DJL.
 *
 * <p>Invariants: what is put can be read at once and until it is replaced; memory and file see all writes in one order; who waits
 * for the writer thread holds no lock that it takes; keys and values of any release stay readable in every later one.
 */
@NullMarked
package dev.millrace.kv;

import org.jspecify.annotations.NullMarked;
