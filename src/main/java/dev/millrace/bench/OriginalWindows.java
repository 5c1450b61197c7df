package dev.millrace.bench;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Locale;

/**
 * The baseline: one item at a time as the original makes it. Two queries by key, of a window and of a part of its contig's text,
 * on connections that stay open; then arrays of its own for each item.
 */
final class OriginalWindows implements AutoCloseable {
    private static final String SELECT_WINDOW = """
            SELECT sequence_id, window_in_seq_idx FROM window_mappings WHERE window_idx = ?""";

    private static final String SELECT_BASES = """
            SELECT substr(nt_sequence, ?, ?) FROM sequences WHERE contig_id = ?""";

    private static final int EOS = 0;
    private static final int PAD = 1;
    private static final int BOS = 2;
    private static final int SEP = 3;

    private final Database windows;
    private final Database sample;
    private final int size;
    private final int stride;

    OriginalWindows(Path windows, Path sample, int size, int stride) {
        this.windows = Database.open(windows, Access.READ);
        this.sample = Database.open(sample, Access.READ);
        this.size = size;
        this.stride = stride;
    }

    /** The arrays of an item; position ids are shared. */
    @SuppressWarnings("ArrayRecordComponent") // carries what was read, never compared
    record Item(long[] tokens, long[] labels, float[] lossMask) {}

    Item read(long window) {
        return windows.read("Cannot read a window", connection -> {
            PreparedStatement select = windows.prepared(SELECT_WINDOW);
            select.setLong(1, window);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    throw new IllegalStateException("Window " + window + " is missing.");
                }
                return item(bases(row.getString(1), row.getLong(2)));
            }
        });
    }

    private String bases(String contigId, long windowInContig) {
        return sample.read("Cannot read bases", connection -> {
            PreparedStatement select = sample.prepared(SELECT_BASES);
            select.setLong(1, windowInContig * stride + 1);
            select.setInt(2, size - 2);
            select.setString(3, contigId);
            try (ResultSet row = select.executeQuery()) {
                return text(row, contigId);
            }
        });
    }

    private static String text(ResultSet row, String contigId) throws SQLException {
        if (!row.next()) {
            throw new IllegalStateException("Contig " + contigId + " is missing.");
        }
        return row.getString(1).toUpperCase(Locale.ROOT);
    }

    private Item item(String bases) {
        long[] tokens = new long[size];
        Arrays.fill(tokens, PAD);
        tokens[0] = BOS;
        for (int i = 0; i < bases.length(); i++) {
            tokens[i + 1] = bases.charAt(i);
        }
        tokens[bases.length() + 1] = EOS;
        long[] labels = Arrays.copyOfRange(tokens, 1, size + 1);
        labels[size - 1] = PAD;
        float[] mask = new float[size];
        for (int i = 0; i < size; i++) {
            boolean special = labels[i] == BOS || labels[i] == EOS || labels[i] == SEP || labels[i] == PAD;
            mask[i] = special ? 0 : 1;
        }
        return new Item(tokens, labels, mask);
    }

    @Override
    public void close() {
        windows.close();
        sample.close();
    }
}
