package dev.millrace.genome;

import dev.millrace.sqlite.BulkWriter;
import dev.millrace.sqlite.DatabaseBuild;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;

/**
 * Writes the file of one sample in the original's layout. It appears whole, by {@link #publish}, or not at all. One thread
 * at a time; who begins it closes it.
 */
final class ShardedWriter implements AutoCloseable {
    /** The longest value that a connection of ours takes, less what a row has beside it: {@code Database}. */
    static final int LONGEST_CONTIG = (1 << 28) - (1 << 16);

    private static final String INSERT = """
            INSERT INTO sequences (contig_id, nt_sequence)
            VALUES (?, CAST(? AS TEXT))""";

    private final DatabaseBuild build;
    private final BulkWriter rows;

    private ShardedWriter(DatabaseBuild build) {
        this.build = build;
        this.rows = new BulkWriter(build.database(), 1_000);
    }

    /**
     * Starts the file of a sample, whose folders are made.
     *
     * @throws IllegalArgumentException if the sample cannot have a folder of its own there
     */
    static ShardedWriter begin(Path folder, String sample) throws IOException {
        SampleIds.requireName(sample, null);
        Path file = ShardedFolder.file(folder, sample);
        Path own = Files.createDirectories(folder.resolve(sample));
        String real = String.valueOf(own.toRealPath(LinkOption.NOFOLLOW_LINKS).getFileName());
        if (!real.equals(sample)) {
            throw new IllegalArgumentException("Sample " + sample + " would be mixed with sample " + real + ": "
                    + folder + " takes both names for one. Write to a file system that tells upper from lower case.");
        }
        DatabaseBuild build = DatabaseBuild.beginForeign(file);
        try {
            build.database().execute(ShardedFolder.TABLE);
            return new ShardedWriter(build);
        } catch (RuntimeException e) {
            build.close();
            throw e;
        }
    }

    /** Writes and publishes a sample's file. */
    static void write(Path folder, String sample, Map<String, byte[]> contigs) throws IOException {
        try (ShardedWriter writer = begin(folder, sample)) {
            contigs.forEach(writer::add);
            writer.publish();
        }
    }

    /** Adds a contig, ASCII. */
    void add(String contigId, byte[] bases) {
        if (bases.length > LONGEST_CONTIG) {
            throw tooLong(contigId, bases.length);
        }
        rows.insert(INSERT, contigId, bases);
    }

    static IllegalArgumentException tooLong(String contigId, long length) {
        return new IllegalArgumentException(
                "Contig " + contigId + " is too long for the sharded layout, which keeps it in"
                        + " one value: expected " + LONGEST_CONTIG + " bases at most, found " + length
                        + ". Use a store, which has no such limit.");
    }

    void publish() {
        rows.close();
        build.publish();
    }

    @Override
    public void close() {
        build.close();
    }
}
