package dev.millrace.pcqm;

import dev.millrace.Internal;
import dev.millrace.batch.DatasetChoices;
import dev.millrace.batch.DatasetKind;
import dev.millrace.batch.Split;
import dev.millrace.batch.SqliteDataset;
import java.nio.file.Path;
import java.util.Optional;

/**
 * {@link PcqmDataset} for who knows the file only. Choices: {@code unlabelled}, whether molecules without a gap are samples too,
 * {@code true} unless chosen otherwise; {@code adapter}, as the file says unless chosen.
 */
@Internal
public final class PcqmKind implements DatasetKind {
    @Override
    public String kind() {
        return PcqmSchema.KIND;
    }

    @Override
    public SqliteDataset<?> open(Path file, Split split, DatasetChoices choices) {
        PcqmDataset.Builder builder = PcqmDataset.builder()
                .setDatabase(file)
                .optSplit(split)
                .optUnlabelled(choices.flag("unlabelled", true))
                .setSampling(1, false);
        choices.value(
                        "adapter",
                        "native or pad",
                        Optional.<PcqmAdapter>empty(),
                        text -> Optional.of(PcqmAdapter.parse(text)))
                .ifPresent(builder::optAdapter);
        choices.check();
        return builder.build();
    }
}
