"""The provider's API as the specification describes it: routes, credentials, validation, answers, customers."""
