package dev.millrace.spool;

import dev.millrace.Internal;
import java.nio.file.Path;

/**
 * A stretch of a segment that is no frame. Immutable.
 *
 * @param file the segment
 * @param offset where it begins
 * @param bytes how long it is
 * @param frames how many frames are lost with it, by the numbers around it; 0 where that is not known
 * @param torn whether it is the end of what a process was writing when it ended, which nobody was told was kept
 */
@Internal
public record Damage(Path file, long offset, long bytes, long frames, boolean torn) {
    @Override
    public String toString() {
        return (torn ? "Incomplete frame at the end of " : "Damaged stretch in ") + file + ": byte " + offset + ", "
                + bytes + " bytes" + (frames > 0 ? ", " + frames + " frames" : "");
    }
}
