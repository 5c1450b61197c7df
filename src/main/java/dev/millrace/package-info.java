/**
 * Says what of the packages below is for users, {@link dev.millrace.Internal}; imports nothing.
 */
@NullMarked
package dev.millrace;

import org.jspecify.annotations.NullMarked;
