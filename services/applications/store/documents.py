"""The collections and their indexes."""

from mongoengine import DynamicDocument


class CandidateDocument(DynamicDocument):
    meta = {"collection": "candidates", "auto_create_index": False, "indexes": []}


class ProjectCardDocument(DynamicDocument):
    meta = {
        "collection": "project_cards",
        "auto_create_index": False,
        "indexes": [{"fields": ["org_id", "usable_as_assessment"]}],
    }


class ApplicationDocument(DynamicDocument):
    meta = {
        "collection": "applications",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["project_id", "-score", "_id"]},
            {"fields": ["project_id", "_id"]},
            {"fields": ["candidate_id", "-submitted_at", "_id"]},
            {"fields": ["org_id", "status"]},
            {"fields": ["org_id", "responded"]},
            {"fields": ["responded", "submitted_at"]},
        ],
    }


class AllowanceDocument(DynamicDocument):
    meta = {"collection": "allowances", "auto_create_index": False, "indexes": []}


class InvitationDocument(DynamicDocument):
    meta = {
        "collection": "invitations",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["candidate_id", "-sent_at", "_id"]},
            {"fields": ["project_id", "-sent_at", "_id"]},
        ],
    }


class ScorecardDocument(DynamicDocument):
    meta = {
        "collection": "scorecards",
        "auto_create_index": False,
        "indexes": [{"fields": ["application_id"]}],
    }


class HireOfferDocument(DynamicDocument):
    meta = {
        "collection": "hire_offers",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["candidate_id", "-created_at", "_id"]},
            {"fields": ["org_id", "-created_at", "_id"]},
            {"fields": ["-created_at", "_id"]},
        ],
    }


class CredentialDocument(DynamicDocument):
    meta = {
        "collection": "credentials",
        "auto_create_index": False,
        "indexes": [{"fields": ["candidate_id", "-issued_at", "_id"]}],
    }


class EngagementFactsDocument(DynamicDocument):
    meta = {
        "collection": "engagement_facts",
        "auto_create_index": False,
        "indexes": [{"fields": ["org_id"]}],
    }


class ReengagementDocument(DynamicDocument):
    meta = {
        "collection": "reengagements",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["candidate_id", "-expires_at", "_id"]},
            {"fields": ["org_id", "-expires_at", "_id"]},
        ],
    }


class TalentDocument(DynamicDocument):
    meta = {
        "collection": "talents",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["candidate_id", "-asked_at", "_id"]},
            {"fields": ["org_id", "-asked_at", "_id"]},
        ],
    }


class AssessmentDocument(DynamicDocument):
    meta = {
        "collection": "assessments",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["addressee"]},
            {"fields": ["candidate_id", "project_id"]},
            {"fields": ["project_id", "status"]},
        ],
    }


class KeyRingDocument(DynamicDocument):
    meta = {"collection": "issuer_keys", "auto_create_index": False, "indexes": []}


class RevocationsDocument(DynamicDocument):
    meta = {"collection": "revocations", "auto_create_index": False, "indexes": []}


class PortfolioDocument(DynamicDocument):
    meta = {"collection": "portfolios", "auto_create_index": False, "indexes": []}
