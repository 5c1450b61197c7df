package dev.millrace.exafs;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How one folder of a tree differs from what a database knows of it. Immutable by agreement: arrays are not copied.
 *
 * @param folder in the tree
 * @param stored the absorber in the database; null for a new one
 * @param files places in the folder of the files that have to be read: new, or of another size, time or name than before
 * @param before of each of them, what was known; null for a new one and for one that was rejected
 * @param gone ids of paths whose files are not there any longer
 * @param goneRejects names of rejected files that are not there any longer
 * @param unchanged files that are as they were
 * @param folderChanged whether the folder has another name or its {@code feff.inp} another size or time
 */
record FolderChanges(
        FeffFolder folder,
        StoredTree.@Nullable Absorber stored,
        int[] files,
        StoredTree.@Nullable StoredFile[] before,
        long[] gone,
        List<String> goneRejects,
        int unchanged,
        boolean folderChanged) {
    static FolderChanges of(FeffFolder folder, StoredTree stored) {
        StoredTree.Absorber absorber = stored.absorber(folder);
        Map<String, FeffFolder.Stamp> rejects = stored.rejects(folder);
        Set<String> goneRejects = new TreeSet<>(rejects.keySet());
        List<StoredTree.StoredFile> known = absorber == null ? List.of() : stored.files(absorber);
        int[] files = new int[folder.size()];
        List<StoredTree.@Nullable StoredFile> before = new ArrayList<>();
        long[] gone = new long[known.size()];
        int count = 0;
        int goneCount = 0;
        int next = 0;
        for (int i = 0; i < folder.size(); i++) {
            while (next < known.size() && known.get(next).number() < folder.pathNumber(i)) {
                gone[goneCount++] = known.get(next++).pathId();
            }
            StoredTree.StoredFile was =
                    next < known.size() && known.get(next).number() == folder.pathNumber(i) ? known.get(next++) : null;
            FeffFolder.Stamp rejected = null;
            if (!rejects.isEmpty()) {
                String name = StoredTree.rejectName(folder, i);
                rejected = rejects.get(name);
                goneRejects.remove(name);
            }
            boolean same = was == null
                    ? folder.stamp(i).equals(rejected)
                    : was.stamp().equals(folder.stamp(i)) && Objects.equals(was.otherName(), folder.otherName(i));
            if (!same) {
                files[count++] = i;
                before.add(was);
            }
        }
        while (next < known.size()) {
            gone[goneCount++] = known.get(next++).pathId();
        }
        return new FolderChanges(
                folder,
                absorber,
                Arrays.copyOf(files, count),
                before.toArray(new StoredTree.@Nullable StoredFile[0]),
                Arrays.copyOf(gone, goneCount),
                List.copyOf(goneRejects),
                folder.size() - count,
                absorber != null
                        && !(absorber.folder().equals(folder.name())
                                && Objects.equals(absorber.input(), folder.input())));
    }

    /** Whether there is anything to do beside removing what is gone. */
    boolean isAny() {
        return files.length > 0 || folderChanged || !goneRejects.isEmpty();
    }
}
