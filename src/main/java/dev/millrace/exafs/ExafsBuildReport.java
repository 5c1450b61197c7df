package dev.millrace.exafs;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a build found and did. Immutable.
 *
 * @param upToDate whether nothing had to be done, and so nothing was written
 * @param files path files in the tree
 * @param paths in the database afterwards
 * @param absorbers in the database afterwards
 * @param frames in the database afterwards
 * @param added paths of files that were new
 * @param replaced paths of files that had changed; their ids stay
 * @param unchanged paths whose files are as they were
 * @param pruned paths that were removed, as their files are gone
 * @param gone paths whose files are gone and that are still there, as nothing was said of pruning
 * @param rejects files that cannot be used, by reason
 * @param firstReject the first of them and why; empty if there is none
 * @param incomplete absorbers of which a file was rejected: sums over their paths lack something
 * @param warnings what a person should know beside
 * @param splits paths by split
 * @param splitBy what is kept together, by frame or by atom
 * @param fileBytes size of the database
 * @param seconds all of it took
 */
public record ExafsBuildReport(
        boolean upToDate,
        long files,
        long paths,
        long absorbers,
        long frames,
        long added,
        long replaced,
        long unchanged,
        long pruned,
        long gone,
        Map<String, Long> rejects,
        String firstReject,
        long incomplete,
        List<String> warnings,
        Map<String, Long> splits,
        String splitBy,
        long fileBytes,
        double seconds) {
    public ExafsBuildReport {
        rejects = Collections.unmodifiableMap(new LinkedHashMap<>(rejects));
        warnings = List.copyOf(warnings);
        splits = Collections.unmodifiableMap(new LinkedHashMap<>(splits));
    }

    /** The same of a file that is in its place. */
    ExafsBuildReport published(long bytes, double afterSeconds) {
        return new ExafsBuildReport(
                upToDate,
                files,
                paths,
                absorbers,
                frames,
                added,
                replaced,
                unchanged,
                pruned,
                gone,
                rejects,
                firstReject,
                incomplete,
                warnings,
                splits,
                splitBy,
                bytes,
                afterSeconds);
    }

    /** Files that cannot be used. */
    public long rejected() {
        return rejects.values().stream().mapToLong(Long::longValue).sum();
    }
}
