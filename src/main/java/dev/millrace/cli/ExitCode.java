package dev.millrace.cli;

import dev.millrace.batch.ExportRefusedException;
import dev.millrace.batch.QueryDefinitionException;
import dev.millrace.batch.SampleQueryException;
import dev.millrace.build.OutdatedDatabaseException;
import dev.millrace.build.RejectedInputException;
import dev.millrace.exafs.FeffFileException;
import dev.millrace.exafs.MalformedTableException;
import dev.millrace.exafs.UnavailableChiException;
import dev.millrace.genome.MalformedFastaException;
import dev.millrace.genome.TokenizerFileException;
import dev.millrace.kv.DecryptionException;
import dev.millrace.kv.MalformedEntryException;
import dev.millrace.molecule.MoleculeFormatException;
import dev.millrace.pcqm.DamagedInputException;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.SchemaMismatchException;
import dev.millrace.tensor.CorruptTensorException;
import dev.millrace.training.CheckpointException;
import dev.millrace.training.CheckpointMismatchException;
import dev.millrace.training.DeviceUnavailableException;
import dev.millrace.training.DivergedException;
import dev.millrace.training.InvalidPlanException;
import java.io.FileNotFoundException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.HashSet;
import java.util.Set;
import picocli.CommandLine;

/** What the shell is told. The one place that decides which failure is which code. */
enum ExitCode {
    /** The work is done. */
    DONE(0),
    /** Anything without a code of its own, a full disk among it. */
    FAILED(1),
    /** Wrong usage or configuration, or a file that is not there. */
    USAGE(2),
    /** More input was rejected than allowed; nothing was published. */
    REJECTED(3),
    /** A damaged, foreign or too new database. */
    DATABASE(4),
    /** Training diverged. */
    DIVERGED(5),
    /** Interrupted from outside. */
    INTERRUPTED(130);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    /** What a command that ended with this code meant. */
    static ExitCode ofCode(int code) {
        for (ExitCode candidate : values()) {
            if (candidate.code == code) {
                return candidate;
            }
        }
        return FAILED;
    }

    /** The code of a failure: that of the first cause in its chain that has one. */
    static ExitCode of(Throwable failure) {
        Set<Throwable> seen = new HashSet<>();
        for (Throwable cause = failure; cause != null && seen.add(cause); cause = cause.getCause()) {
            ExitCode code = ofOne(cause);
            if (code != FAILED) {
                return code;
            }
        }
        return FAILED;
    }

    private static ExitCode ofOne(Throwable cause) {
        if (cause instanceof UsageException
                || cause instanceof ConfigException
                || cause instanceof CommandLine.ParameterException
                || cause instanceof NoSuchFileException
                || cause instanceof FileNotFoundException) {
            return USAGE;
        }
        if (cause instanceof OutdatedDatabaseException
                || cause instanceof QueryDefinitionException
                || cause instanceof ExportRefusedException
                || cause instanceof SampleQueryException
                || cause instanceof InvalidPlanException
                || cause instanceof CheckpointMismatchException
                || cause instanceof DeviceUnavailableException
                || cause instanceof MoleculeFormatException
                || cause instanceof TokenizerFileException
                || cause instanceof UnavailableChiException) {
            return USAGE;
        }
        if (cause instanceof FeffFileException file) {
            // Of one that cannot be read, the cause says why.
            return file.reason() == FeffFileException.Reason.UNREADABLE ? FAILED : REJECTED;
        }
        if (cause instanceof RejectedInputException
                || cause instanceof DamagedInputException
                || cause instanceof MalformedFastaException
                || cause instanceof MalformedTableException
                || cause instanceof MalformedEntryException
                || cause instanceof PredictCommand.NothingReadableException) {
            return REJECTED;
        }
        if (cause instanceof DivergedException) {
            return DIVERGED;
        }
        if (cause instanceof SchemaMismatchException mismatch) {
            return mismatch.kind() == SchemaMismatchException.Kind.OTHER_SETTINGS ? USAGE : DATABASE;
        }
        if (cause instanceof DecryptionException sealed) {
            return switch (sealed.reason()) {
                case SECRET_MISSING, WRONG_SECRET, OTHER_KIND_OF_SECRET, NOT_ENCRYPTED -> USAGE;
                case UNSUPPORTED, DAMAGED -> DATABASE;
            };
        }
        if (cause instanceof CorruptDatabaseException || cause instanceof CorruptTensorException) {
            return DATABASE;
        }
        if (cause instanceof CheckpointException checkpoint) {
            // A folder that is not there, but not one that could not be written: that has the reason as its cause.
            return checkpoint.getCause() == null && Files.notExists(checkpoint.path()) ? USAGE : FAILED;
        }
        return cause instanceof InterruptedException
                        || cause instanceof InterruptedIOException
                        || cause instanceof ClosedByInterruptException
                ? INTERRUPTED
                : FAILED;
    }
}
