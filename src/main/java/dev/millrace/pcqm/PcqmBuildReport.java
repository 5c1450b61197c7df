package dev.millrace.pcqm;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a build did. Immutable. {@code molecules + rejected + leftOut = recordsPresent}. After molecules were appended all numbers
 * are of all inputs together, and {@code recordsPresent} has those, too, that were there already when they were appended.
 *
 * @param database the file
 * @param upToDate whether nothing was done, because the file already is what would be built
 * @param resumedFrom number of records that an interrupted build had done; 0 for one that began anew
 * @param recordsPresent records in the input
 * @param molecules molecules written
 * @param unlabelled those of them without a gap
 * @param leftOut records that are in no split, because only some were asked for or the split file does not name them
 * @param splitRule how molecules were divided
 * @param layout {@code rows} or {@code blocks}
 * @param featureSpec of the graphs
 * @param splits molecules by split
 * @param rejects rejects by reason
 * @param fingerprint of inputs and settings
 * @param seconds wall time
 * @param appended what was appended just now; null for a build, and for an input that the file has
 */
public record PcqmBuildReport(
        Path database,
        boolean upToDate,
        long resumedFrom,
        long recordsPresent,
        long molecules,
        long unlabelled,
        long leftOut,
        String splitRule,
        String layout,
        String featureSpec,
        Map<String, Long> splits,
        Map<String, Long> rejects,
        String fingerprint,
        double seconds,
        @Nullable Appended appended) {
    /**
     * What came of one input that was appended. {@code added + alreadyStored + rejected + leftOut = records}.
     *
     * @param records records in the input
     * @param added molecules written
     * @param alreadyStored molecules that the file has, which stay as they are
     * @param rejected records that could not be used
     * @param leftOut records that are in no split
     */
    public record Appended(long records, long added, long alreadyStored, long rejected, long leftOut) {}

    public PcqmBuildReport {
        splits = Collections.unmodifiableMap(new LinkedHashMap<>(splits));
        rejects = Collections.unmodifiableMap(new LinkedHashMap<>(rejects));
    }

    /** Records that could not be used. */
    public long rejected() {
        return rejects.values().stream().mapToLong(Long::longValue).sum();
    }

    PcqmBuildReport timed(long newResumedFrom, @Nullable Appended newAppended, long startNanos) {
        return new PcqmBuildReport(
                database,
                upToDate,
                newResumedFrom,
                recordsPresent,
                molecules,
                unlabelled,
                leftOut,
                splitRule,
                layout,
                featureSpec,
                splits,
                rejects,
                fingerprint,
                (System.nanoTime() - startNanos) / 1e9,
                newAppended);
    }
}
