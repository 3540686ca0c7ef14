"""Operations inside jails: commands, packages, services, signals."""
