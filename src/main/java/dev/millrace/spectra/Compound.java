package dev.millrace.spectra;

import dev.millrace.tensor.Compression;
import dev.millrace.tensor.TensorBlob;
import dev.millrace.tensor.TensorCodec;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A record with everything that is derived from it. Immutable.
 *
 * @param id key in the database
 * @param spectrum float32 [bins]
 * @param structure null without a usable one
 * @param fault why there is no structure; null when there is one
 */
record Compound(
        long id,
        MspRecord record,
        TensorBlob spectrum,
        StructureReader.@Nullable Structure structure,
        @Nullable MspReject fault) {

    /** Derives compounds, the same for the database and the file backend. Immutable, thread-safe. */
    record Maker(String mspName, MolFolder folder, StructureReader structures, SpectrumOptions options) {
        Compound make(long id, MspRecord record) {
            float[] vector = options.vector(record.peaks());
            TensorBlob spectrum = TensorCodec.ofFloats(vector, Compression.LZ4, vector.length);
            String sourceId = record.sourceId();
            Path file = sourceId == null ? null : folder.find(sourceId);
            if (file == null && record.smiles() == null) {
                String expected = sourceId == null ? "an ID or a SMILES" : "a MOL file or a SMILES";
                return without(
                        id,
                        record,
                        spectrum,
                        mspName,
                        record.line(),
                        MspReject.Reason.NO_STRUCTURE,
                        "expected " + expected + ", found none");
            }
            String source = file == null ? mspName : String.valueOf(file.getFileName());
            long line = file == null ? record.line() : 0;
            try {
                return new Compound(id, record, spectrum, read(file, record.smiles()), null);
            } catch (StructureReader.UnusableException e) {
                long place = file == null ? line : e.line();
                return without(
                        id,
                        record,
                        spectrum,
                        source,
                        place,
                        MspReject.Reason.BAD_STRUCTURE,
                        String.valueOf(e.getMessage()));
            } catch (IOException e) {
                return without(
                        id,
                        record,
                        spectrum,
                        source,
                        line,
                        MspReject.Reason.BAD_STRUCTURE,
                        "cannot read the file: " + e.getMessage());
            }
        }

        private StructureReader.Structure read(@Nullable Path file, @Nullable String smiles)
                throws StructureReader.UnusableException, IOException {
            if (file != null) {
                return structures.ofMolBlock(MolFolder.text(file));
            }
            return structures.ofSmiles(smiles == null ? "" : smiles);
        }

        private static Compound without(
                long id,
                MspRecord record,
                TensorBlob spectrum,
                String file,
                long line,
                MspReject.Reason reason,
                String detail) {
            MspReject fault = new MspReject(file, line, record.sourceId(), reason, detail);
            return new Compound(id, record, spectrum, null, fault);
        }
    }
}
