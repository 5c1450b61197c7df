/**
 * A key-value store over one SQLite file: what was computed once is kept.
 */
@NullMarked
package dev.millrace.kv;

import org.jspecify.annotations.NullMarked;
