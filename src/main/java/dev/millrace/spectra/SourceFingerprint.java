package dev.millrace.spectra;

import dev.millrace.build.BuildProgress;
import dev.millrace.build.BuildSettings;
import dev.millrace.build.Sha256;
import dev.millrace.build.Workers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * SHA-256 of what a build reads: the content decides, not dates.
 *
 * @param msp of the MSP file
 * @param molFolder over name and content of every MOL file, in order of their names in lower case
 */
record SourceFingerprint(String msp, String molFolder) {
    static SourceFingerprint of(Path msp, MolFolder folder, Workers workers, BuildProgress progress)
            throws IOException {
        BuildProgress.Meter meter = new BuildProgress.Meter(progress, "scan", folder.size());
        Sha256 all = new Sha256();
        List<Map.Entry<String, String>> names = new ArrayList<>(folder.names().entrySet());
        long[] done = {0};
        workers.inOrder(Workers.chunks(names.iterator()), chunk -> hashes(folder, chunk), hashes -> {
            hashes.forEach(all::add);
            done[0] += hashes.size();
            meter.advanceTo(done[0]);
        });
        String mspHash = new Sha256().add(msp).hex();
        meter.finish();
        return new SourceFingerprint(mspHash, all.hex());
    }

    /** One hash of these files and of everything else that decides what is built. */
    String with(Map<String, String> settings) {
        return BuildSettings.fingerprint(msp + "\n" + molFolder + "\n", settings);
    }

    private static List<byte[]> hashes(MolFolder folder, List<Map.Entry<String, String>> names) throws IOException {
        List<byte[]> hashes = new ArrayList<>(names.size());
        Sha256 hash = new Sha256();
        for (Map.Entry<String, String> name : names) {
            hashes.add(hash.add(name.getKey())
                    .add(new byte[1])
                    .add(new Sha256().add(folder.resolve(name.getValue())).digest())
                    .digest());
        }
        return hashes;
    }
}
