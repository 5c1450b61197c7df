package dev.millrace.genome;

import java.nio.file.Path;

/** Whether Parquet can be read. Knows no class of the library, so that it works without. */
final class ParquetSupport {
    private static final String LIBRARY = "blue.strategic.parquet:parquet-floor:2.3";
    private static final String[] CLASSES = {
        "blue.strategic.parquet.ParquetReader", "org.apache.parquet.hadoop.ParquetFileReader"
    };

    private ParquetSupport() {}

    /** @throws MissingLibraryException if the library is not there */
    static ContigLengths reader(Path file) {
        requireLibrary(file);
        return new ParquetSplit(file);
    }

    static void requireLibrary(Path file) {
        for (String name : CLASSES) {
            try {
                Class.forName(name, false, ParquetSupport.class.getClassLoader());
            } catch (ClassNotFoundException e) {
                throw new MissingLibraryException(
                        "Cannot use " + file + ": Parquet needs the optional library " + LIBRARY
                                + ", which is not on the class path. Add it to your dependencies, or use CSV with the columns"
                                + " contig_id,length.");
            }
        }
    }
}
