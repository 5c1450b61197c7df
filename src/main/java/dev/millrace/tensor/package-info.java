/**
 * Bytes to typed, shaped arrays and back: the blob format that every Millrace database stores.
 *
 * <p>Knows nothing of SQL, graphs or DJL; may import only the JDK and LZ4.
 *
 * <p>Invariants: little-endian; a blob written by any release decodes in every later one; the header is readable without
 * decompressing; {@code parse} never reads outside the array it was given, whatever the bytes.
 */
@NullMarked
package dev.millrace.tensor;

import org.jspecify.annotations.NullMarked;
