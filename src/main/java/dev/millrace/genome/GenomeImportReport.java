package dev.millrace.genome;

import java.util.List;
import java.util.Map;

/**
 * What an import did. Immutable.
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
        double seconds) {
    public GenomeImportReport {
        files = List.copyOf(files);
        rejects = Map.copyOf(rejects);
    }

    /** Records not taken, for any reason. */
    public long rejected() {
        return rejects.values().stream().mapToLong(Long::longValue).sum();
    }
}
