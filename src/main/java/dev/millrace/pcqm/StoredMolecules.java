package dev.millrace.pcqm;

import dev.millrace.build.RejectedInputException;
import dev.millrace.sqlite.Database;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Objects;

/**
 * Tells which molecules are in a file already that molecules are added to. The same are those of the same idx, SMILES (where it is
 * kept), numbers of atoms and bonds, and gap; in layout rows also of the same graph and further targets, by their checksum.
 *
 * <p>One thread at a time, that which writes. Cost: a look-up for each molecule whose idx is not above all before.
 */
final class StoredMolecules {
    /** What the file has of a molecule. */
    enum Match {
        /** Nothing. */
        NONE,
        /** The same. */
        SAME,
        /** Another one of its idx. */
        OTHER
    }

    private final Database database;
    private final boolean blocks;
    private long largestIdx;
    private boolean disordered;

    StoredMolecules(Database database, boolean blocks) {
        this.database = database;
        this.blocks = blocks;
        this.largestIdx = database.queryLong("SELECT coalesce(max(idx), -1) FROM molecules");
    }

    /**
     * Looks for a molecule, which is in the file afterwards unless another one is.
     *
     * @throws RejectedInputException if blocks have no place for it
     */
    Match match(PcqmMolecule molecule) {
        if (molecule.idx() > largestIdx) {
            largestIdx = molecule.idx();
            return Match.NONE;
        }
        Match match = database.read("Cannot look for a molecule", connection -> {
            PreparedStatement select = database.prepared(PcqmSchema.SELECT_STORED);
            select.setLong(1, molecule.idx());
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    return Match.NONE;
                }
                return isSame(row, molecule) ? Match.SAME : Match.OTHER;
            }
        });
        if (match == Match.NONE) {
            disordered = true;
            if (blocks) {
                throw new RejectedInputException(
                        "Cannot lay blocks: expected every new idx above the largest of the database, " + largestIdx
                                + ", found " + molecule.idx() + " in record " + molecule.record() + " ("
                                + database.file() + "). Build it again from all inputs, or use layout rows.",
                        0,
                        1);
            }
        }
        return match;
    }

    private boolean isSame(ResultSet row, PcqmMolecule molecule) throws SQLException {
        return Objects.equals(row.getString(1), molecule.smiles())
                && row.getLong(2) == molecule.atoms()
                && row.getLong(3) == molecule.bonds()
                && Objects.equals(row.getObject(4), molecule.gap())
                && (blocks || row.getLong(5) == molecule.graphCrc());
    }

    /** Whether a row came before one that was there. */
    boolean isDisordered() {
        return disordered;
    }
}
