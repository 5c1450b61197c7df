/**
 * What the domains share where they make files: work on several threads that stays in order, progress, the report of rejects, the
 * hashes of what was read and of the settings, which inputs a file holds, files that appear whole or not at all, room on the disk, and
 * the failures that a person can do something about.
 *
 * <p>Imports {@code sqlite} and the JDK only. Knows no domain and never sees DJL.
 */
@NullMarked
package dev.millrace.build;

import org.jspecify.annotations.NullMarked;
