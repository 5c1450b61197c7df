package dev.millrace.cli;

import dev.millrace.genome.LossPolicy;
import dev.millrace.genome.RcMode;
import dev.millrace.genome.ReverseComplement;
import dev.millrace.genome.TokenIds;
import dev.millrace.genome.WindowFormat;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How bases become tokens: options of the commands that show or train on windows. One thread at a time. */
final class WindowFormatFlags {
    /** A loss policy by name. */
    enum Loss {
        UPSTREAM,
        DNA,
        EVO2
    }

    @Option(names = "--control-tags", description = "Begin with the tag of the contig, <ctrl_…>.")
    private boolean controlTags;

    @Option(names = "--no-bos", description = "No <BOS>; without effect with --control-tags.")
    private boolean withoutBos;

    @Option(names = "--no-eos", description = "No <EOS> after the bases.")
    private boolean withoutEos;

    @Option(names = "--legacy-header", description = "Begin with <BOS><SEP>, as the original's first version.")
    private boolean legacyHeader;

    @Option(
            names = "--rc",
            defaultValue = "never",
            description = "Read the other strand: ${COMPLETION-CANDIDATES} (default never).")
    private RcMode reverse = RcMode.NEVER;

    @Option(
            names = "--rc-profile",
            defaultValue = "upstream",
            description = "What is complemented: upstream (A, C, G, T only; default) or iupac.")
    private ReverseComplement profile = ReverseComplement.UPSTREAM;

    @Option(names = "--seed", defaultValue = "42", description = "Seed of --rc random (default 42).")
    private long seed;

    @Option(
            names = "--loss",
            defaultValue = "upstream",
            description =
                    "Bases that count: upstream (all; default), dna (A, C, G, T) or evo2 (those outside of tags).")
    private Loss loss = Loss.UPSTREAM;

    @Option(names = "--mask-lower-case", description = "Lower-case bases, repeats, do not count.")
    private boolean maskLowerCase;

    @Option(names = "--predict-eos", description = "<EOS> counts in the loss.")
    private boolean predictEos;

    @Option(names = "--keep-case", description = "Lower-case bases keep tokens of their own.")
    private boolean keepCase;

    @Option(
            names = "--tokenizer",
            paramLabel = "tokenizer.json",
            description = "Token ids (default: those of the original, bytes and five special ones).")
    private @Nullable Path tokenizer;

    /** The format that was asked for. */
    WindowFormat format(int windowSize) {
        return Inputs.checked(() -> {
            WindowFormat.Builder builder = WindowFormat.builder(windowSize)
                    .optControlTags(controlTags)
                    .optIncludeBos(!withoutBos)
                    .optIncludeEos(!withoutEos)
                    .optLegacyHeader(legacyHeader)
                    .optReverseComplement(reverse)
                    .optRcProfile(profile)
                    .optSeed(seed)
                    .optKeepCase(keepCase)
                    .optLossPolicy(policy());
            if (tokenizer != null) {
                builder.optTokenIds(TokenIds.read(Inputs.file(tokenizer)));
            }
            return builder.build();
        });
    }

    private LossPolicy policy() {
        LossPolicy policy = switch (loss) {
            case UPSTREAM -> LossPolicy.UPSTREAM;
            case DNA -> LossPolicy.DNA_ONLY;
            case EVO2 -> LossPolicy.EVO2;
        };
        if (maskLowerCase) {
            policy = policy.withoutLowerCase();
        }
        return predictEos ? policy.withEnd() : policy;
    }
}
