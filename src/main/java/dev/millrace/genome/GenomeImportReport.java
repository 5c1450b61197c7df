package dev.millrace.genome;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an import did. Immutable. After files were added to a store all numbers but {@code files} are the store's.
 *
 * @param upToDate whether nothing was to be done: the store was made of the same files with the same settings
 * @param files what was read, by name
 * @param records records in them
 * @param contigs records taken
 * @param emptyContigs those of them without a base
 * @param bases bases of all contigs
 * @param samples samples of all contigs
 * @param rejects records not taken, by reason
 * @param fingerprint of the files and the settings: the same, the same rows
 * @param fileBytes bytes of the files as they lie there
 * @param seconds how long it took
 * @param appended what was added just now; null for an import, and for files that the store has
 */
public record GenomeImportReport(
        boolean upToDate,
        List<String> files,
        long records,
        long contigs,
        long emptyContigs,
        long bases,
        long samples,
        Map<String, Long> rejects,
        String fingerprint,
        long fileBytes,
        double seconds,
        @Nullable Appended appended) {
    /**
     * What came of files that were added. {@code added + alreadyStored + rejected = records}.
     *
     * @param records records in them
     * @param added contigs taken
     * @param addedBases their bases
     * @param alreadyStored records of contigs that the store has, which stay as they are
     * @param rejected records not taken
     */
    public record Appended(long records, long added, long addedBases, long alreadyStored, long rejected) {}

    public GenomeImportReport {
        files = List.copyOf(files);
        rejects = Collections.unmodifiableMap(new LinkedHashMap<>(rejects));
    }

    /** Records not taken, for any reason. */
    public long rejected() {
        return rejects.values().stream().mapToLong(Long::longValue).sum();
    }
}
