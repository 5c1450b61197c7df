package dev.millrace.molecule;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One molecule's text in a file, not yet read: {@link #read} gives the molecule or says what is wrong and where.
 *
 * <p>Immutable; entries may be read in any thread.
 */
public final class MoleculeEntry {
    private final String file;
    private final long line;
    private final @Nullable String id;
    private final List<String> text;
    private final boolean smiles;
    private final @Nullable String fault;
    private final Map<String, String> fields;

    private MoleculeEntry(
            String file,
            long line,
            @Nullable String id,
            List<String> text,
            boolean smiles,
            @Nullable String fault,
            Map<String, String> fields) {
        this.file = file;
        this.line = line;
        this.id = id;
        this.text = text;
        this.smiles = smiles;
        this.fault = fault;
        this.fields = fields;
    }

    static MoleculeEntry smiles(String file, long line, @Nullable String id, String text) {
        return new MoleculeEntry(file, line, id, List.of(text), true, null, Map.of());
    }

    static MoleculeEntry mol(
            String file, long line, @Nullable String id, List<String> text, Map<String, String> fields) {
        return new MoleculeEntry(file, line, id, text, false, null, fields);
    }

    static MoleculeEntry unreadable(String file, long line, @Nullable String id, String fault) {
        return new MoleculeEntry(file, line, id, List.of(), false, fault, Map.of());
    }

    /** File the entry is from. */
    public String file() {
        return file;
    }

    /** 1-based line where it starts. */
    public long line() {
        return line;
    }

    /** Name column of a SMILES file, number of a MOL file, title of an SDF record; null when there is none. */
    public @Nullable String id() {
        return id;
    }

    /**
     * Value of a data field of an SDF record, several lines joined by line feeds; null when the record has none of that name
     * or the source was not asked for it ({@link MoleculeSource.SdfFile}).
     *
     * @param name in any case
     */
    public @Nullable String dataField(String name) {
        return fields.get(MoleculeSource.SdfEntries.key(name));
    }

    /**
     * Reads the molecule.
     *
     * @param keepHydrogens see {@link MoleculeReader#mol}
     * @throws MoleculeFormatException naming file, line and reason
     */
    public Molecule read(boolean keepHydrogens) throws MoleculeFormatException {
        try {
            if (fault != null) {
                throw new MoleculeFormatException(fault);
            }
            if (smiles) {
                return MoleculeReader.smiles(text.get(0));
            }
            Molecule molecule = MolfileParser.parse(text);
            Perception.completeMol(molecule, keepHydrogens);
            return molecule;
        } catch (MoleculeFormatException refusal) {
            throw refusal.in(file, line);
        }
    }
}
