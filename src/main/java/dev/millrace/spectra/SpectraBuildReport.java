package dev.millrace.spectra;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a build did. Immutable. {@code spectraRead + spectraRejected = spectraPresent}, and without {@code --max-samples}
 * {@code compounds = spectraRead}. After records were appended all numbers are of all inputs together; what was there already
 * when it was appended is counted in {@code appended} only.
 *
 * @param database the file
 * @param upToDate whether nothing was done, because the file already is what would be built
 * @param spectraPresent records in the MSP file
 * @param spectraRead records that could be used
 * @param spectraRejected records that could not
 * @param strayBlocks blocks of text in the MSP file that are no records
 * @param compounds rows written
 * @param withGraph compounds with a graph; only these are in splits
 * @param withoutGraph compounds without one: no structure given, or none that can be used
 * @param badStructures those of them whose MOL file or SMILES is bad
 * @param splits compounds by split
 * @param rejects rejects by reason
 * @param fingerprint of inputs and settings
 * @param seconds wall time
 * @param appended what was appended just now; null for a build, and for an input that the file has
 */
public record SpectraBuildReport(
        Path database,
        boolean upToDate,
        long spectraPresent,
        long spectraRead,
        long spectraRejected,
        long strayBlocks,
        long compounds,
        long withGraph,
        long withoutGraph,
        long badStructures,
        Map<String, Long> splits,
        Map<String, Long> rejects,
        String fingerprint,
        double seconds,
        @Nullable Appended appended) {
    /**
     * What came of one input that was appended. {@code added + alreadyStored + rejected = records}, where all was taken.
     *
     * @param records records in the MSP file
     * @param added rows written
     * @param alreadyStored records that the file has, which stay as they are
     * @param rejected records that could not be used
     * @param withGraph those added that have a graph
     * @param betweenSplits those with a graph that are in no split, because they belong to groups of two
     * @param splits those added by split
     */
    public record Appended(
            long records,
            long added,
            long alreadyStored,
            long rejected,
            long withGraph,
            long betweenSplits,
            Map<String, Long> splits) {
        public Appended {
            splits = Collections.unmodifiableMap(new LinkedHashMap<>(splits));
        }
    }

    public SpectraBuildReport {
        splits = Collections.unmodifiableMap(new LinkedHashMap<>(splits));
        rejects = Collections.unmodifiableMap(new LinkedHashMap<>(rejects));
    }

    SpectraBuildReport timed(long startNanos) {
        return new SpectraBuildReport(
                database,
                upToDate,
                spectraPresent,
                spectraRead,
                spectraRejected,
                strayBlocks,
                compounds,
                withGraph,
                withoutGraph,
                badStructures,
                splits,
                rejects,
                fingerprint,
                (System.nanoTime() - startNanos) / 1e9,
                appended);
    }
}
