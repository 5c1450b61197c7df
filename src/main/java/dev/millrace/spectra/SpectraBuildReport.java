package dev.millrace.spectra;

import java.nio.file.Path;
import java.util.Map;

/**
 * What a build did. Immutable. {@code spectraRead + spectraRejected = spectraPresent}, and without {@code --max-samples}
 * {@code compounds = spectraRead}.
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
        double seconds) {
    public SpectraBuildReport {
        splits = Map.copyOf(splits);
        rejects = Map.copyOf(rejects);
    }
}
