/**
 * Benchmarks that anyone can run: each measures a baseline and Millrace in the same process and reports the ratio.
 *
 * <p>May import everything below {@code cli}.
 */
@Internal
@NullMarked
package dev.millrace.bench;

import dev.millrace.Internal;
import org.jspecify.annotations.NullMarked;
