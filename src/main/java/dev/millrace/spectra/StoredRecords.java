package dev.millrace.spectra;

import dev.millrace.build.Sha256;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import dev.millrace.tensor.CorruptTensorException;
import dev.millrace.tensor.TensorBlob;
import java.nio.ByteBuffer;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells which records of an input a database has already. A record with an ID is looked for by it; one without is there if one
 * without and of the same content is. Content is all that a row says of the record: name, InChIKey, formula, masses, CAS number,
 * retention index and peaks.
 *
 * <p>One thread at a time, that which writes to the database. Memory: 16 bytes and an object for each stored record without an ID.
 */
final class StoredRecords {
    /** What the database has of a record. */
    enum Match {
        /** Nothing. */
        NONE,
        /** The same. */
        SAME,
        /** Another one of the same ID. */
        OTHER
    }

    private record Content(long high, long low) {}

    private static final String COLUMNS = """
            SELECT c.id, c.name, c.inchikey, c.formula, c.mol_weight, c.exact_mass, c.cas_no, c.ri, s.mz_values, s.intensities
            FROM compounds c
            JOIN spectra s ON s.compound_id = c.id
            WHERE c.source_id""";

    private static final String OF_ID = COLUMNS + " = ?";
    private static final String WITHOUT_ID = COLUMNS + " IS NULL";

    private final Database database;
    private final Sha256 hash = new Sha256();
    private final Set<Content> withoutId;

    StoredRecords(Database database) {
        this.database = database;
        this.withoutId = database.read("Cannot read the stored records", connection -> {
            Set<Content> contents = new HashSet<>();
            try (PreparedStatement select = connection.prepareStatement(WITHOUT_ID);
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    contents.add(content(row));
                }
            }
            return contents;
        });
    }

    Match match(MspRecord record) {
        String id = record.sourceId();
        if (id == null) {
            return withoutId.contains(content(record)) ? Match.SAME : Match.NONE;
        }
        return database.read("Cannot look for a record", connection -> {
            PreparedStatement select = database.prepared(OF_ID);
            select.setString(1, id);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    return Match.NONE;
                }
                return content(row).equals(content(record)) ? Match.SAME : Match.OTHER;
            }
        });
    }

    private Content content(MspRecord record) {
        add(
                record.name(),
                record.inchiKey(),
                record.formula(),
                record.molWeight(),
                record.exactMass(),
                record.casNo(),
                record.retentionIndex());
        return content(record.peaks().massesToCharge(), record.peaks().intensities());
    }

    private Content content(ResultSet row) throws SQLException {
        long id = row.getLong(1);
        for (int column = 2; column <= 8; column++) {
            add(row.getObject(column));
        }
        return content(numbers(row.getBytes(9), id), numbers(row.getBytes(10), id));
    }

    private double[] numbers(byte[] blob, long id) {
        try {
            return TensorBlob.parse(blob).toDoubles();
        } catch (CorruptTensorException e) {
            throw new CorruptDatabaseException(
                    "Damaged row: " + e.getMessage() + " (" + database.file() + ", spectra, compound_id=" + id
                            + "). Restore the file or build it again.",
                    database.file(),
                    e);
        }
    }

    /* A length before each text and a mark for what is missing: what is in one column cannot be taken for the next. */
    private void add(@Nullable Object... values) {
        for (Object value : values) {
            String text = value == null ? "" : value.toString();
            hash.add((value == null ? "-" : Integer.toString(text.length())) + ":" + text);
        }
    }

    private Content content(double[] masses, double[] intensities) {
        ByteBuffer numbers = ByteBuffer.allocate(Double.BYTES * (masses.length + intensities.length));
        numbers.asDoubleBuffer().put(masses).put(intensities);
        ByteBuffer digest = ByteBuffer.wrap(hash.add(numbers.array()).digest());
        return new Content(digest.getLong(), digest.getLong());
    }
}
