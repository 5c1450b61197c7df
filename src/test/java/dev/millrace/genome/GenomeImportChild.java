package dev.millrace.genome;

import java.io.IOException;
import java.nio.file.Path;

/** An import in a JVM of its own, to be killed or to be kept small. Test support. */
public final class GenomeImportChild {
    private GenomeImportChild() {}

    /** Imports; {@code args} are the FASTA file and the store. */
    public static void main(String[] args) throws IOException {
        new GenomeImport()
                .addFasta(Path.of(args[0]))
                .setStore(Path.of(args[1]))
                .optRebuild(true)
                .run();
    }
}
