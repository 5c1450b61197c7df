package dev.millrace.cli;

import dev.millrace.model.SavedModel;
import dev.millrace.model.TrainableModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** What a trained model is, beside its parameters: kept as {@code model.yaml} in every checkpoint. */
sealed interface ModelDescription permits ModelFile, TokenModelFile, ExafsModelFile, TableModelFile {
    /** The text of the file. */
    byte[] toBytes();

    /** A new block of this shape, without parameters. */
    TrainableModel newBlock();

    /** The one that the library makes of such a file. */
    static TrainableModel newBlock(byte[] file) {
        try {
            return SavedModel.parse(Path.of(SavedModel.FILE), new String(file, StandardCharsets.UTF_8))
                    .newBlock();
        } catch (IOException e) {
            // Every key is there: only values that do not go together are left.
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }
}
