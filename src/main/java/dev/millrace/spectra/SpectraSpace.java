package dev.millrace.spectra;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How large a spectra database becomes at least, judged by its inputs. */
final class SpectraSpace {
    /* Bytes of a database per byte of input, and per record: the smallest that were measured, see docs/benchmarks. */
    static final double PER_MSP_BYTE = 0.5;
    static final double PER_MOL_BYTE = 0.5;
    static final long PER_RECORD = 1_000;

    private static final int MOST_FILES_LOOKED_AT = 200;

    private SpectraSpace() {}

    /** @param maxSamples how many records are taken; 0 for all */
    static long estimate(Path msp, MolFolder folder, int maxSamples) throws IOException {
        List<String> names = List.copyOf(folder.names().values());
        long looked = 0;
        long bytes = 0;
        int step = Math.max(1, names.size() / MOST_FILES_LOOKED_AT);
        for (int i = 0; i < names.size(); i += step) {
            bytes += Files.size(folder.resolve(names.get(i)));
            looked++;
        }
        double molBytes = looked == 0 ? 0 : (double) bytes / looked * names.size();
        long all = (long) (PER_MSP_BYTE * Files.size(msp) + PER_MOL_BYTE * molBytes);
        return maxSamples == 0 ? all : Math.min(all, maxSamples * PER_RECORD);
    }
}
