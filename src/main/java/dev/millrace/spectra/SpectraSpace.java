package dev.millrace.spectra;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * How large a spectra database becomes at least, judged by its inputs: by the size of the MSP file, and by that of as many MOL
 * files as it has records. Looks at a small part of either.
 */
final class SpectraSpace {
    /* Bytes of a database per byte of input, the smallest that were measured: docs/decisions/0018. */
    private static final double PER_MSP_BYTE = 0.8;
    private static final double PER_MOL_BYTE = 1.2;

    private static final int BYTES_LOOKED_AT = 1 << 20;
    private static final int FILES_LOOKED_AT = 200;

    private SpectraSpace() {}

    /** @param maxSamples how many records are taken; 0 for all */
    static long estimate(Path msp, MolFolder folder, int maxSamples) throws IOException {
        long size = Files.size(msp);
        long records = records(msp, size);
        double mol = Math.min(records, folder.size()) * averageSize(folder);
        double all = PER_MSP_BYTE * size + PER_MOL_BYTE * mol;
        return (long) (maxSamples == 0 || maxSamples >= records ? all : all * maxSamples / records);
    }

    /** Records of the whole file, by those in its first part. */
    private static long records(Path msp, long size) throws IOException {
        byte[] part;
        try (InputStream in = Files.newInputStream(msp)) {
            part = in.readNBytes(BYTES_LOOKED_AT);
        }
        String text = new String(part, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
        long found = text.lines()
                .filter(line -> line.startsWith("num peaks") || line.startsWith("numpeaks"))
                .count();
        return part.length == 0 ? 0 : (long) ((double) found * size / part.length);
    }

    private static double averageSize(MolFolder folder) throws IOException {
        List<String> names = List.copyOf(folder.names().values());
        int step = Math.max(1, names.size() / FILES_LOOKED_AT);
        long bytes = 0;
        long looked = 0;
        for (int i = 0; i < names.size(); i += step) {
            bytes += Files.size(folder.resolve(names.get(i)));
            looked++;
        }
        return looked == 0 ? 0 : (double) bytes / looked;
    }
}
